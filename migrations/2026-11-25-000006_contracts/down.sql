DROP TABLE delegations, contracts;
