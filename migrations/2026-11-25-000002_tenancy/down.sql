DROP TABLE onboarding_items, practice_districts, practice_capacity, practices, councils;
