"""Every way in for a person: the command line and the chat page."""
