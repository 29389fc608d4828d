ALTER TABLE notices DROP CONSTRAINT notices_practice_id_service_user_id_fkey;
DROP TABLE break_glass_accesses, exclusions, restriction_staff, restrictions, warning_notes, relationships, person_facts, search_tokens, service_users;
