"""What each lecture asks before it shows, with its models, exercises, summary and plan."""
