"""Cut texts with the splitters of other libraries: `split.py TEXTS MODEL SPANS`, in the environment of these libraries.

TEXTS is a JSON file with the texts by name, and MODEL the folder of the encoder, whose tokenizer counts tokens. Writes
the JSON file SPANS: by splitter and name of the text, [start, end] of each chunk, in characters.

Chunks have at most 256 tokens, special tokens and prompt included, unless the name of the splitter says otherwise. All
other options except the overlap are the defaults of the splitter.
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

# 256 without the special tokens and the prompt.
CHUNK_TOKENS = 252

texts, model, target = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2], Path(sys.argv[3])
tokenizer = AutoTokenizer.from_pretrained(model, model_max_length=10**9)


def count_tokens(text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False))


def langchain(splitter):
    def split(text):
        return [
            [chunk.metadata["start_index"], chunk.metadata["start_index"] + len(chunk.page_content)]
            for chunk in splitter.create_documents([text])
        ]

    return split


def llama_index(text):
    return spans_of(text, sentence_splitter.split_text(text))


def spans_of(text, chunks):
    """The span of each chunk in the text. A chunk may begin inside the one before."""
    spans, position = [], 0
    for chunk in chunks:
        start = text.index(chunk, position)
        spans.append([start, start + len(chunk)])
        position = start + 1
    return spans


sentence_splitter = SentenceSplitter(
    chunk_size=CHUNK_TOKENS, chunk_overlap=20, tokenizer=lambda text: tokenizer.encode(text, add_special_tokens=False)
)
semchunk_splitter = chunkerify(count_tokens, CHUNK_TOKENS)
# chonkie needs a tokenizer that can also decode.
decoding_tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
decoding_tokenizer.no_truncation()
decoding_tokenizer.no_padding()
chonkie_splitter = RecursiveChunker(tokenizer=decoding_tokenizer, chunk_size=CHUNK_TOKENS)
splitters = {
    "LangChain, 256 tokens": langchain(
        RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_TOKENS, chunk_overlap=0, length_function=count_tokens, add_start_index=True
        )
    ),
    "LangChain, 1,000 characters, overlap 100": langchain(
        RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=100, add_start_index=True)
    ),
    "LlamaIndex sentences": llama_index,
    "semchunk": lambda text: [list(span) for span in semchunk_splitter(text, offsets=True)[1]],
    "chonkie recursive": lambda text: [[chunk.start_index, chunk.end_index] for chunk in chonkie_splitter(text)],
}
result = {splitter: {name: split(text) for name, text in texts.items()} for splitter, split in splitters.items()}
target.write_text(json.dumps(result), encoding="utf-8")
