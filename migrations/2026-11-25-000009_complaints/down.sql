DROP TABLE complaint_messages, complaint_subjects, complaints;
