"""A manifest with a value in each of its fields that a build fills."""

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.store.manifest import DocumentCounts, Fusion, Manifest, Probe
from knowligo_index.system.hashing import FileEntry

ENCODER = EncoderDescription("año/x", "f" * 64, "a" * 64, "b" * 64, 2, 256, "mean", "q: ", "p: ", "torch", "float32")
MANIFEST = Manifest(
    version="3-0123456789ab",
    counter=3,
    digest="0123456789ab",
    created_at="1970-01-01T00:00:00Z",
    created_by="knowligo-index 0.1.0",
    settings={"chunk_tokens": 200, "language": "es"},
    encoder=ENCODER,
    probes=[Probe("¿sí?", [0.6000000238418579, -0.800000011920929])],
    documents=DocumentCounts(1, 2, 3),
    chunks=1,
    tokens=9,
    truncated=0,
    token_histogram={"0-31": 1},
    libraries={"faiss-cpu": "1.12.0"},
    fusion=Fusion(0.4, 0.0, 0.3),
    files={"chunks.sqlite": FileEntry(4096, "c" * 64), "vectors.faiss": FileEntry(53, "d" * 64)},
)
