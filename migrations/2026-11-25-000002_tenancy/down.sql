DROP TABLE onboarding_items, practice_districts, practices, councils;
