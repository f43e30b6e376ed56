//! Every order of a few things.

/// All permutations, the given order first.
pub fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = things.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for place in 0..things.len() {
        for mut order in orders(rest) {
            order.insert(place, first.clone());
            all.push(order);
        }
    }
    all
}

/// All choices of `size` of the things, in their order.
pub fn choices<T: Clone>(things: &[T], size: usize) -> Vec<Vec<T>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let Some((first, rest)) = things.split_first() else { return Vec::new() };
    let mut all = choices(rest, size);
    for mut choice in choices(rest, size - 1) {
        choice.insert(0, first.clone());
        all.push(choice);
    }
    all
}
