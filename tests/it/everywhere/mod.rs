mod cors;
mod document;
mod edges;
mod limits;
mod loops;
mod operations;
mod rows;
mod wire;
