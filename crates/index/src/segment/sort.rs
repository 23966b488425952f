//! Sorting keys that share long fronts.

/// Groups this small are sorted by whole keys.
const FEW: usize = 12;
/// Bytes compared at once.
const STEP: usize = 16;

/// Sorts `places` by the keys that `key_of` gives, all of which begin with the same `depth` bytes.
///
/// Keys of a parameter differ late (`urn:oid:2.16.840.1.…`). So the front that all have in common
/// is passed over, the sixteen bytes behind it are compared as one number, and what is still
/// equal is sorted in the same way by the bytes behind those.
pub(crate) fn sort_keys<'a>(places: &mut [u32], depth: usize, key_of: &impl Fn(u32) -> &'a [u8]) {
    if places.len() <= FEW {
        places.sort_unstable_by(|a, b| key_of(*a).cmp(key_of(*b)));
        return;
    }
    let depth = depth + shared(places, depth, key_of);
    let number = |place: u32| (front(key_of(place), depth), place);
    let mut numbered: Vec<(u128, u32)> = places.iter().map(|place| number(*place)).collect();
    numbered.sort_unstable_by_key(|(front, _)| *front);
    for (place, (_, sorted)) in places.iter_mut().zip(&numbered) {
        *place = *sorted;
    }
    let mut rest = places;
    for group in numbered.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((equal, after)) = rest.split_at_mut_checked(group.len()) else { return };
        rest = after;
        match equal {
            [] | [_] => {}
            // A key that ends within these bytes looks like one that goes on with zeros.
            _ if group.first().is_some_and(|(front, _)| *front as u8 == 0) => {
                equal.sort_unstable_by(|a, b| key_of(*a).cmp(key_of(*b)));
            }
            _ => sort_keys(equal, depth + STEP, key_of),
        }
    }
}

/// How many bytes from `depth` on all keys have in common.
fn shared<'a>(places: &[u32], depth: usize, key_of: &impl Fn(u32) -> &'a [u8]) -> usize {
    let tail = |place: &u32| key_of(*place).get(depth..).unwrap_or_default();
    let Some((first, others)) = places.split_first() else { return 0 };
    let mut common = tail(first);
    for place in others {
        let equal = common.iter().zip(tail(place)).take_while(|(a, b)| a == b).count();
        common = common.get(..equal).unwrap_or_default();
        if common.is_empty() {
            break;
        }
    }
    common.len()
}

/// The bytes from `depth` on as a number, filled up with zeros.
fn front(key: &[u8], depth: usize) -> u128 {
    let mut bytes = [0u8; STEP];
    let tail = key.get(depth..).unwrap_or_default();
    for (to, from) in bytes.iter_mut().zip(tail) {
        *to = *from;
    }
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_sort_as_bytes(
            mut keys in prop::collection::vec(
                ("(urn:a:long:front:of:many:keys|http)", "[a\0]{0,40}").prop_map(|(a, b)| a + &b),
                0..300,
            ),
        ) {
            let mut places: Vec<u32> = (0..keys.len() as u32).collect();
            sort_keys(&mut places, 0, &|place| keys[place as usize].as_bytes());
            let sorted: Vec<String> = places.iter().map(|p| keys[*p as usize].clone()).collect();
            keys.sort();
            prop_assert_eq!(sorted, keys);
        }
    }
}
