"""Articles, sentences, passages, and the index over them; knows nothing of prompts or answers."""
