mod bad_input;
mod lists;
mod routing;
mod sending;
mod written_otherwise;
