//! Lists that are nearly always short, held where they stand: rating a dial touches as little
//! memory as can be. They read as slices.

use std::ops::Deref;

/// One item in place, or any number of them elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OneOrMore<T> {
    /// One.
    One([T; 1]),
    /// None or several.
    More(Box<[T]>),
}

/// Up to two items in place, or any number of them elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TwoOrMore<T> {
    /// One.
    One([T; 1]),
    /// Two.
    Two([T; 2]),
    /// None or several.
    More(Box<[T]>),
}

impl<T> Deref for OneOrMore<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => one,
            Self::More(more) => more,
        }
    }
}

impl<T> Deref for TwoOrMore<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => one,
            Self::Two(two) => two,
            Self::More(more) => more,
        }
    }
}

impl<T> From<Vec<T>> for OneOrMore<T> {
    fn from(items: Vec<T>) -> Self {
        match <[T; 1]>::try_from(items) {
            Ok(one) => Self::One(one),
            Err(items) => Self::More(items.into()),
        }
    }
}

impl<T> From<Vec<T>> for TwoOrMore<T> {
    fn from(items: Vec<T>) -> Self {
        let items = match <[T; 1]>::try_from(items) {
            Ok(one) => return Self::One(one),
            Err(items) => items,
        };
        match <[T; 2]>::try_from(items) {
            Ok(two) => Self::Two(two),
            Err(items) => Self::More(items.into()),
        }
    }
}

impl<T> FromIterator<T> for OneOrMore<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> FromIterator<T> for TwoOrMore<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<T>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_hold_what_was_put_in() {
        for count in 0..5 {
            let items: Vec<u8> = (0..count).collect();
            assert_eq!(*OneOrMore::from(items.clone()), *items);
            assert_eq!(*TwoOrMore::from(items.clone()), *items);
            let same: TwoOrMore<u8> = items.iter().copied().collect();
            assert_eq!(same, TwoOrMore::from(items));
        }
    }
}
