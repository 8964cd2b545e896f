"""tantivy as it would be used for Chinese: terms in, ranks out. Runs in the peers' own environment.

    python benchmarks/peer_tantivy.py DIRECTORY < LINES > RANKS

Each line is an object of JSON: `{"id": …, "terms": […]}` is a document, `{"ask": […], "size": …}` a question
of terms, after all documents. For each question a line is written: `ids` of the best `size` documents that
hold any of its terms, the `seconds` that it took to find them, and of these the processor's, `cpu`. An index
that is in the directory already is asked as it is.
"""

from __future__ import annotations

import json
import sys
import time

import tantivy

FIELD = "body"


def main() -> None:
    """Index what comes, then answer."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field(FIELD, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema, path=sys.argv[1])
    writer = index.writer(heap_size=256_000_000, num_threads=1)
    searcher = None
    for line in sys.stdin:
        row = json.loads(line)
        if "ask" not in row:
            document = tantivy.Document()
            document.add_text("id", row["id"])
            document.add_text(FIELD, " ".join(row["terms"]))
            writer.add_document(document)
            continue
        if searcher is None:
            writer.commit()
            writer.wait_merging_threads()
            index.reload()
            searcher = index.searcher()
        before, used = time.perf_counter(), time.thread_time()
        terms = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, FIELD, term)) for term in row["ask"]]
        query = tantivy.Query.boolean_query(terms)
        hits = searcher.search(query, row["size"], count=False).hits if terms else []
        ids = [searcher.doc(address)["id"][0] for _, address in hits]
        took = {"seconds": time.perf_counter() - before, "cpu": time.thread_time() - used}
        print(json.dumps({"ids": ids} | took), flush=True)


if __name__ == "__main__":
    main()
