DROP TABLE document_days, documents;
