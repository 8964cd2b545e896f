"""An index on an OpenSearch cluster: the promises of `indexer.engine.protocol` for more than one machine."""
