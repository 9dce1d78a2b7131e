"""Where messages go out. A provider only sends and tells what became of it; when to send is not its business."""
