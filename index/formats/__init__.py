"""Kinds of files -> text with what they state of themselves. Libraries do the parsing; each module reads one kind."""
