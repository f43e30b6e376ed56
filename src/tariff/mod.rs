//! Rating. (The rest of the module lands with the rule itself.)

mod unrated;

pub use unrated::Unrated;
