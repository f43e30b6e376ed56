//! Rating: the published cases, the worked examples, the laws, and a second rater that agrees.

mod cases;
