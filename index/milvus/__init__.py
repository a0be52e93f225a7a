"""Milvus as a passage store: an index is pushed into two collections of a server, and searched there.

A server holds only what can be pushed again: vectors, words and hashes. Articles, sentences and offsets are always read
from the index folder, so what is cited does not depend on a server.
"""
