"""LlamaIndex's CitationQueryEngine as a process: a setup in JSON on the first line of stdin, then a question a line.

Run by benchmarks/peer.py in an environment of its own. Answers on stdout, one JSON object a line.
"""

from __future__ import annotations

import json
import sys
import time

from llama_index.core import Document, VectorStoreIndex  # type: ignore[import-not-found]
from llama_index.core.query_engine import CitationQueryEngine  # type: ignore[import-not-found]
from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # type: ignore[import-not-found]
from llama_index.llms.llama_cpp import LlamaCPP  # type: ignore[import-not-found]


def main() -> None:
    """Read the setup, then answer until stdin ends."""
    setup = json.loads(sys.stdin.readline())
    llm = LlamaCPP(
        model_path=setup["llm"],
        temperature=0.0,
        max_new_tokens=256,
        context_window=setup["context_tokens"],
        model_kwargs={"n_threads": setup["threads"], "n_threads_batch": setup["threads"]},
        completion_to_prompt=lambda text: f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n",
        verbose=False,
    )
    embedder = HuggingFaceEmbedding(model_name=setup["embedder"], device="cpu")
    documents = [Document(text=text) for text in setup["articles"]]
    index = VectorStoreIndex.from_documents(documents, embed_model=embedder)
    engine = CitationQueryEngine.from_args(index, llm=llm, similarity_top_k=3, citation_chunk_size=512)
    print("ready", flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        answer = str(engine.query(json.loads(line)))
        print(json.dumps({"seconds": time.perf_counter() - started, "answer": answer}), flush=True)


if __name__ == "__main__":
    main()
