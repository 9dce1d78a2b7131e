"""The services. They import neither each other nor the workflows; contracts and the chassis are all they share."""
