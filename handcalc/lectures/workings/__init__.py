"""What lectures work out of what their readers type and drag: one file a lecture that has much."""
