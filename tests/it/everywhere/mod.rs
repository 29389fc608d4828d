mod document;
mod edges;
mod fields;
mod loops;
mod operations;
