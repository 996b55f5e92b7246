//! Values that no list of images affects, or that are added: pull policies and pull secrets.

use std::collections::{BTreeMap, HashMap};

use super::{Settling, may_change};
use crate::edit;
use crate::tree::editing::Wish;
use crate::tree::rendered::{Field, SecretList};
use crate::tree::value::PlaceId;

/// A change that builds agree on, with the fields that ask for it.
type Candidate<'n, 's> = (Wish<'n, 's>, Vec<Field<'n, 's>>);

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Values that no list of images has a part in and that are added: all builds agree, or none
    /// gets them.
    pub(super) fn direct(&mut self, fields: Vec<Field<'n, 's>>) {
        let mut by_place: BTreeMap<PlaceId, Vec<Field<'n, 's>>> = BTreeMap::new();
        for field in fields {
            if let Some(place) = &field.place {
                by_place.entry(place.id()).or_default().push(field);
            } else if field.wanted.is_some() && !field.is_bystander {
                let why = if field.is_removed {
                    "a patch takes away what is written"
                } else {
                    "the build itself makes what holds it"
                };
                self.leave(&field, why);
            }
        }
        let mut lists: HashMap<(usize, usize), Vec<(PlaceId, SecretList)>> = HashMap::new();
        for (id, fields) in &by_place {
            for field in fields {
                if let Some(secrets) = &field.secrets {
                    let list = (id.clone(), secrets.clone());
                    lists.entry(secrets.pod).or_default().push(list);
                }
            }
        }
        let mut candidates = Vec::new();
        for fields in by_place.into_values() {
            let asked = || fields.iter().filter(|field| !field.is_bystander);
            let wanting = asked().find(|field| field.wanted.is_some());
            let wish = wanting.and_then(|field| {
                Some(Wish {
                    place: field.place.clone()?,
                    value: field.wanted.clone()?,
                })
            });
            let (Some(wish), Some(wanting)) = (wish, wanting) else {
                self.note(fields, &[]);
                continue;
            };
            if let Some(what) = asked().find_map(|field| field.trace.unknown.as_ref()) {
                self.leave(wanting, &may_change(what));
                continue;
            }
            let other = fields
                .iter()
                .find(|field| field.wanted.as_ref() != Some(&wish.value));
            if let Some(other) = other {
                self.conflict(wanting, wanting.root, other.root);
                continue;
            }
            let id = wish.place.id();
            // A new list is joined with those that patches bring in other builds.
            let pod = wanting.secrets.as_ref().map(|secrets| secrets.pod);
            let beside = pod.and_then(|pod| lists.get(&pod)).into_iter().flatten();
            let mut others = beside.filter(|(place, _)| *place != id);
            if let edit::TargetValue::Names(added) = &wish.value
                && let Some((_, other)) = others.find(|(_, other)| !other.takes(added))
            {
                self.conflict(wanting, wanting.root, other.root);
                continue;
            }
            candidates.push((wish, fields));
        }
        self.take(candidates);
    }

    /// Takes changes that builds agree on, but for those that their documents do not allow.
    fn take(&mut self, candidates: Vec<Candidate<'n, 's>>) {
        let mut by_document: BTreeMap<usize, Vec<Candidate<'n, 's>>> = BTreeMap::new();
        for candidate in candidates {
            let document = candidate.0.place.document;
            by_document.entry(document).or_default().push(candidate);
        }
        for candidates in by_document.into_values() {
            let first = self.wishes.len();
            self.wishes
                .extend(candidates.iter().map(|(wish, _)| wish.clone()));
            let are_possible = self.builds.editor.edits(&self.wishes[first..]).is_ok();
            if !are_possible {
                self.wishes.truncate(first);
            }
            for (wish, fields) in candidates {
                let id = wish.place.id();
                if !are_possible {
                    self.wishes.push(wish);
                    if let Err(why) = self.builds.editor.edits(&self.wishes[first..]) {
                        self.wishes.pop();
                        self.leave(&fields[0], &why);
                        continue;
                    }
                }
                self.note(fields, &[id]);
            }
        }
    }
}
