ALTER TABLE notices DROP CONSTRAINT notices_practice_id_service_user_id_fkey;
DROP TABLE break_glass_accesses, exclusions, restriction_staff, restrictions, visit_warnings, safe_contacts,
    person_contacts, person_addresses, person_names, search_tokens, service_users;
