DROP TABLE complaint_interests, complaint_unsealings, complaint_messages, complaint_assignments, complaint_offers, complaint_receipts,
    complaints;
