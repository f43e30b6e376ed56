//! What the numbers of a history mean in its own project: dials, parents, values, questions.

use std::collections::BTreeMap;

use ringfold::dial::identity::identify;
use ringfold::memory::SeededEntropy;
use ringfold::value::{DialId, Micros, ProjectId};
use serde_json::{Value as Json, json};
use uuid::{Builder, Uuid};

use super::asked::{Condition, MultiSearch, OPERATORS, Query, Shown, SortKey};
use super::history::{Asked, Event};
use super::items::{Item, LIVE, SYNC, Told};
use super::plain::{COLUMNS, Cell, Kind, kind_of};
use super::stand::NOW_MS;

const PHONES: [&str; 3] = ["+441632960021", "+441632960044", "+12025550143"];
const REASONS: [&str; 14] = [
    "",
    "completed",
    "time_limit",
    "cleared",
    "busy",
    "no_answer",
    "unreachable",
    "answered_elsewhere",
    "caller_hung_up",
    "rejected",
    "invalid_number",
    "network_error",
    "unknown",
    "line-fault",
];

/// A dial that gateways tell of.
struct Dial {
    /// `incomingCallLogItemId`, where the gateway chooses it.
    item: Option<Uuid>,
    name: Option<String>,
    start: i64,
    id: Uuid,
    created_at: i64,
}

pub struct World {
    pub project: Uuid,
    calls: Vec<Uuid>,
    rules: Vec<Uuid>,
    users: Vec<Uuid>,
    dials: Vec<Dial>,
}

fn v4(random: &SeededEntropy) -> Uuid {
    let (high, low) = (u128::from(random.number()), u128::from(random.number()));
    Builder::from_u128(high << 64 | low).with_version(uuid::Version::Random).into_uuid()
}

fn v7(random: &SeededEntropy, ms: i64) -> Uuid {
    let bytes = v4(random).into_bytes();
    let ms = u64::try_from(ms).unwrap();
    Builder::from_unix_timestamp_millis(ms, bytes[..10].try_into().unwrap()).into_uuid()
}

impl World {
    pub fn new(seed: u64) -> Self {
        let random = SeededEntropy::new(seed);
        let project = v4(&random);
        let midnight = NOW_MS - 7_520_001;
        let derived = |name: &str, start| {
            let (dial, at) = (DialId::parse(name), Micros::from_ms(start));
            let key = identify(ProjectId::new(project), None, dial.as_ref(), Some(at)).unwrap();
            let (id, dial) = (key.item.uuid(), Some(name.to_owned()));
            Dial { item: None, name: dial, start, id, created_at: start }
        };
        let chosen = |item: Uuid, start, created_at| Dial {
            item: Some(item),
            name: None,
            start,
            id: item,
            created_at,
        };
        let dials = vec![
            chosen(v7(&random, NOW_MS - 30_000), NOW_MS - 30_000, NOW_MS - 30_000),
            derived("d-1", NOW_MS - 20_000),
            chosen(v4(&random), NOW_MS - 3_600_000, NOW_MS - 3_600_000),
            // Its id is older than its start.
            chosen(v7(&random, NOW_MS - 90_001_000), NOW_MS - 90_000_000, NOW_MS - 90_001_000),
            // The instant of another.
            derived("d-4", NOW_MS - 30_000),
            // The last millisecond of its day.
            derived("d-5", midnight),
        ];
        Self {
            project,
            calls: vec![v7(&random, NOW_MS - 31_000), v4(&random), v7(&random, midnight)],
            rules: vec![v4(&random), v4(&random)],
            users: vec![v4(&random), v4(&random), v4(&random)],
            dials,
        }
    }

    /// Values that a column may be given or compared with.
    pub fn values(&self, column: &str) -> Vec<Cell> {
        let ids = |ids: &[Uuid]| ids.iter().map(|id| Cell::text(id.to_string())).collect();
        let dates = [0, -1, -20_000, -30_000, -7_520_001, -90_000_000, 95_400];
        match column {
            "projectId" => ids(&[self.project, self.users[0]]),
            "incomingCallLogId" => ids(&self.calls),
            "incomingCallPolicyEscalationRuleId" => ids(&self.rules),
            "userId" => ids(&self.users),
            "_id" => self.dials.iter().map(|dial| Cell::text(dial.id.to_string())).collect(),
            "userPhoneNumber" => {
                PHONES.iter().chain(&["+44 1632 960021"]).map(|text| Cell::text(*text)).collect()
            }
            "status" => {
                ["Ringing", "Busy", "busy ", "NoAnswer", "100%_x", "Été"].map(Cell::text).to_vec()
            }
            "statusMessage" => {
                ["", "Nobody answered.", "50% off_", "a \"b\"\n\u{1F4DE}"].map(Cell::text).to_vec()
            }
            "dialDurationInSeconds" => [0, 1, 30, 95, 2_147_483_647].map(Cell::whole).to_vec(),
            "callCostInUSDCents" => {
                [0, 1, 23_750, 120_000, 288_000, 21_474_836_470_000].map(Cell::Number).to_vec()
            }
            "isAnswered" => vec![Cell::Bool(false), Cell::Bool(true)],
            _ => dates.map(|ms| Cell::date(NOW_MS + ms)).to_vec(),
        }
    }

    /// Columns that a client sends: the numbered ones of these, each with a numbered value.
    pub fn sent(&self, of: &[&'static str], sent: &[(u8, u8)]) -> BTreeMap<&'static str, Cell> {
        let mut columns = BTreeMap::new();
        for (column, value) in sent {
            let name = pick(of, *column);
            let mut values = self.values(name);
            if !["incomingCallLogId", "status", "isAnswered"].contains(name) {
                values.push(Cell::Null);
            }
            columns.insert(*name, pick(&values, *value).clone());
        }
        columns
    }

    /// The item an event speaks of (made if it is the first that does), and the event as it is
    /// posted.
    pub fn tell(&self, event: &Event, items: &mut Vec<Item>) -> Json {
        let made: Vec<usize> = (0..items.len()).filter(|n| items[*n].is_made).collect();
        let number = usize::from(event.dial) % (self.dials.len() + made.len());
        let own;
        let (dial, place) = match number.checked_sub(self.dials.len()) {
            None => (&self.dials[number], self.place(number, items)),
            Some(number) => {
                let item = &items[made[number]];
                let id = Uuid::parse_str(&item.id).unwrap();
                let created_at = item.created_at;
                own = Dial { item: Some(id), name: None, start: created_at, id, created_at };
                (&own, made[number])
            }
        };
        let is_made = number >= self.dials.len();
        // Events of one dial name one call: it decides their log partition.
        let call = pick(&self.calls, u8::try_from(number % 3).unwrap());
        let told = self.told(event, dial, (*call, is_made));
        if !items[place].is_deleted {
            items[place].tell(&told);
        }
        self.wire(&told, dial, event.told)
    }

    fn place(&self, number: usize, items: &mut Vec<Item>) -> usize {
        let (dial, project) = (&self.dials[number], self.project.to_string());
        let id = dial.id.to_string();
        items.iter().position(|item| item.id == id).unwrap_or_else(|| {
            items.push(Item::new(&id, &project, dial.created_at));
            items.len() - 1
        })
    }

    fn told(&self, event: &Event, dial: &Dial, (call, is_made): (Uuid, bool)) -> Told {
        let has = |bit: u8| event.told & (1 << bit) != 0;
        let text = |is_told: bool, of: String| if is_told { of } else { String::new() };
        let kind = *pick(&["started", "ringing", "answered", "ended", "cost"], event.kind);
        let at = dial.start + i64::from(event.second) * 1_000;
        let carries_time = dial.id.get_version_num() == 7;
        let says_no_start = is_made || (carries_time && has(6));
        let started_at =
            if says_no_start { (kind == "started").then_some(at) } else { Some(dial.start) };
        let is_end = kind == "ended";
        Told {
            kind,
            at,
            started_at,
            rank: if has(5) { SYNC } else { LIVE },
            attributes: [
                call.to_string(),
                text(has(0), pick(&self.rules, event.word).to_string()),
                text(has(1), pick(&self.users, event.word).to_string()),
                text(has(2), (*pick(&PHONES, event.word)).to_owned()),
                String::new(),
                text(has(3), "30".to_owned()),
            ],
            reason: if is_end { pick::<&str>(&REASONS[..], event.word) } else { "" },
            answered_at: (is_end && event.word >= 200).then_some(at - 5_000),
            ringing_at: (is_end && event.word.is_multiple_of(7)).then_some(at - 9_000),
            answered_by: match (kind, event.word % 3) {
                ("answered" | "ended", 0) => "machine",
                ("answered", 1) => "human",
                _ => "",
            },
            micro: i64::from(event.word) * 1_201,
        }
    }

    fn wire(&self, told: &Told, dial: &Dial, bits: u8) -> Json {
        let instant = |ms: i64| Micros::from_ms(ms).to_string();
        let mut data = json!({"projectId": self.project.to_string()});
        let mut put = |name: &str, text: String| {
            if !text.is_empty() {
                data[name] = text.into();
            }
        };
        let [call, rule, user, phone, _, ring] = told.attributes.clone();
        put("incomingCallLogId", call);
        put("incomingCallPolicyEscalationRuleId", rule);
        put("userId", user);
        put("userPhoneNumber", phone);
        put("incomingCallLogItemId", dial.item.map_or(String::new(), |id| id.to_string()));
        put("dialId", dial.name.clone().unwrap_or_default());
        put("provenance", if told.rank == SYNC { "sync" } else { "" }.to_owned());
        put("reason", told.reason.to_owned());
        put("answeredBy", told.answered_by.to_owned());
        put("ringingAt", told.ringing_at.map_or(String::new(), instant));
        put("answeredAt", told.answered_at.map_or(String::new(), instant));
        // A start may be told by the time of the event alone.
        let is_told_by_time = told.kind == "started" && told.started_at == Some(told.at);
        let started_at = told.started_at.filter(|_| !is_told_by_time);
        put("startedAt", started_at.map_or(String::new(), instant));
        if bits & 0x80 != 0 && dial.item.is_some() {
            put("dialId", "named".to_owned());
        }
        match told.kind {
            "ringing" => put("ringingAt", instant(told.at)),
            "answered" => put("answeredAt", instant(told.at)),
            "ended" => put("endedAt", instant(told.at)),
            "cost" => {
                let (whole, rest) = (told.micro / 1_000_000, told.micro % 1_000_000);
                put("amount", format!("{whole}.{rest:06}"));
                put("currency", "USD".to_owned());
            }
            _ => {}
        }
        if !ring.is_empty() {
            data["ringTimeoutInSeconds"] = 30.into();
        }
        json!({"specversion": "1.0", "id": "1", "source": "/gateways/a/1/1",
               "type": format!("ringfold.dial.{}.v1", told.kind), "time": instant(told.at),
               "data": data})
    }

    /// The question that the numbers ask of what there is.
    pub fn query(&self, asked: &[Asked], visible: &[Shown]) -> Query {
        let mut query = Query::default();
        for asked in asked {
            let operator = usize::from(asked.operator) % (OPERATORS.len() + 1);
            let column = pick(&COLUMNS, asked.column).0;
            let values = self.operands(column, visible);
            let operand = |place: usize| {
                let number = asked.operands.get(place).copied().unwrap_or(asked.cut);
                pick(&values, number).clone()
            };
            let operands: Vec<Cell> = (0..3).map(operand).collect();
            let needle = needle(&operands[0], asked.cut);
            if operator == OPERATORS.len() {
                let of = asked.operands.iter().map(|number| pick(&COLUMNS, *number).0);
                query.searches.push(MultiSearch { needle, fields: of.collect() });
                continue;
            }
            let condition = Condition {
                column,
                operator: OPERATORS[operator],
                operands,
                listed: asked.operands.len(),
                needle,
                is_wrapped: asked.cut % 5 == 0,
                is_through_relation: asked.cut % 3 == 0 && column != "projectId",
            };
            if query.conditions.iter().all(|other| other.name() != condition.name()) {
                query.conditions.push(condition);
            }
        }
        query
    }

    fn operands(&self, column: &'static str, visible: &[Shown]) -> Vec<Cell> {
        let held = visible.iter().map(|item| item[column].clone()).filter(|cell| !cell.is_null());
        let held: Vec<Cell> = held.collect();
        // Twice: what is there is asked for more often than what is not.
        let mut values = [held.clone(), held, self.values(column)].concat();
        if kind_of(column) == Kind::Phone {
            values.retain(|cell| cell.shown().is_some_and(|text| text.len() > 6));
        }
        values
    }
}

/// Part of a text, in another letter case, with blanks around it.
fn needle(of: &Cell, cut: u8) -> String {
    let text: Vec<char> = of.shown().unwrap_or_default().chars().collect();
    let from = usize::from(cut % 4).min(text.len());
    let to = (from + usize::from(cut / 16)).min(text.len());
    let part: String = text[from..to].iter().collect();
    match cut % 3 {
        0 => part.to_uppercase(),
        1 => format!(" {part} "),
        _ => part,
    }
}

pub fn pick<T>(of: &[T], number: u8) -> &T {
    &of[usize::from(number) % of.len()]
}

/// The keys of an order, each column once.
pub fn sort_keys(asked: &[(u8, u8)]) -> Vec<SortKey> {
    let mut keys: Vec<SortKey> = Vec::new();
    for (column, how) in asked {
        let column = pick(&COLUMNS, *column).0;
        if keys.iter().all(|key| key.column != column) {
            let nulls_first = [None, None, Some(true), Some(false)][usize::from(how / 2 % 4)];
            keys.push(SortKey { column, is_descending: how % 2 == 1, nulls_first });
        }
    }
    keys
}
