DROP TABLE document_days, documents, council_documents;
