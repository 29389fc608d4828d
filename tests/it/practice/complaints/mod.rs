mod handling;
mod wall;
