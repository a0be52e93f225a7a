"""The web -> pages and feeds: the one place where articles are fetched from elsewhere, and only when asked to."""
