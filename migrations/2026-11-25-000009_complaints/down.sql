DROP POLICY complaints ON guests;
ALTER TABLE guests DROP CONSTRAINT guests_council_id_complaint_id_fkey;
DROP TABLE complaint_interests, complaint_unsealings, complaint_messages, complaint_assignments, complaint_offers, complaint_receipts,
    complaint_acknowledgements, complaint_intakes, complaints;
