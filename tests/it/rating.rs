//! Rating: the published cases, the worked examples, the laws, and a second rater that agrees.

mod cases;
mod checks;
mod choice;
mod every_check;
mod keep;
mod laws;
mod plans;
mod registry;
mod sample;
mod slow;
mod worked;
