DROP TABLE upload_pieces, uploads, document_days, documents, council_documents;
