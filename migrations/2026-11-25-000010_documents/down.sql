DROP TABLE upload_pieces, uploads, document_days, erasure_requests, documents, council_documents;
