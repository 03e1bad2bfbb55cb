"""Where other splitters cut: `TEXTS MODEL SPANS`. TEXTS is a JSON file of texts by name, MODEL the folder of the
encoder, whose tokenizer counts; SPANS gets, by splitter and name, [start, end] of each chunk. Runs in the peers'
environment.

Each splitter with chunks of at most 256 tokens, the special tokens and the prompt included; its other options are its
own.
"""

import json
import sys
from pathlib import Path

from chonkie import RecursiveChunker
from langchain_text_splitters import RecursiveCharacterTextSplitter
from llama_index.core.node_parser import SentenceSplitter
from semchunk import chunkerify
from tokenizers import Tokenizer
from transformers import AutoTokenizer

TOKENS = 252

texts, model, target = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2], Path(sys.argv[3])
tokenizer = AutoTokenizer.from_pretrained(model, model_max_length=10**9)


def count(text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False))


def langchain(splitter):
    def spans(text):
        return [
            [chunk.metadata["start_index"], chunk.metadata["start_index"] + len(chunk.page_content)]
            for chunk in splitter.create_documents([text])
        ]

    return spans


def llama_index(text):
    return located(text, sentences.split_text(text))


def located(text, chunks):
    """Where each of these stands; one may begin within the one before."""
    found, position = [], 0
    for chunk in chunks:
        start = text.index(chunk, position)
        found.append([start, start + len(chunk)])
        position = start + 1
    return found


sentences = SentenceSplitter(
    chunk_size=TOKENS, chunk_overlap=20, tokenizer=lambda text: tokenizer.encode(text, add_special_tokens=False)
)
semantic = chunkerify(count, TOKENS)
# It also decodes, which takes a tokenizer of the library.
whole = Tokenizer.from_file(f"{model}/tokenizer.json")
whole.no_truncation()
whole.no_padding()
recursive = RecursiveChunker(tokenizer=whole, chunk_size=TOKENS)
splitters = {
    "LangChain, 256 tokens": langchain(
        RecursiveCharacterTextSplitter(chunk_size=TOKENS, chunk_overlap=0, length_function=count, add_start_index=True)
    ),
    "LangChain, 1,000 characters, overlap 100": langchain(
        RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=100, add_start_index=True)
    ),
    "LlamaIndex sentences": llama_index,
    "semchunk": lambda text: [list(span) for span in semantic(text, offsets=True)[1]],
    "chonkie recursive": lambda text: [[chunk.start_index, chunk.end_index] for chunk in recursive(text)],
}
spans = {splitter: {name: split(text) for name, text in texts.items()} for splitter, split in splitters.items()}
target.write_text(json.dumps(spans), encoding="utf-8")
