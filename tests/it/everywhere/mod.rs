mod document;
mod edges;
mod loops;
mod operations;
