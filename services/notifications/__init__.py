"""What is sent to a youth and what comes back: letters, SMS, receipts, answers."""
