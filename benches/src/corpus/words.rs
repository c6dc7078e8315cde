//! Names, numbers and identities such as a Japanese PBX sends.

use std::fmt::Write;

use crate::random::Random;

const FAMILY_NAMES: &[&str] = &[
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
    "長谷川",
    "五十嵐",
];
const GIVEN_NAMES: &[&str] = &[
    "太郎",
    "花子",
    "一郎",
    "翔太",
    "陽菜",
    "健",
    "美咲",
    "大輔",
    "愛",
    "誠",
    "さくら",
    "直樹",
    "恵子",
    "ケン",
    "由美子",
    "拓也",
];
const COMPANIES: &[&str] = &[
    "株式会社サンプル",
    "山田商店",
    "北海道物産",
    "有限会社みらい",
    "東京システムズ",
    "青空歯科",
    "サクラ運輸",
    "丸一電機株式会社",
    "Example Inc.",
    "港町ホテル",
    "",
    "",
];
const PREFECTURES: &[&str] = &[
    "東京都",
    "北海道",
    "大阪府",
    "京都府",
    "神奈川県",
    "愛知県",
    "福岡県",
    "沖縄県",
    "長野県",
    "兵庫県",
];
const LATIN_NAMES: &[&str] = &[
    "sato",
    "suzuki",
    "tanaka",
    "ito",
    "yamada",
    "kato",
    "kobayashi",
    "front-desk",
    "support",
    "sales",
    "user",
    "ops",
];

/// An identity such as `ef2402ac-4189-4a05-8ae6-f7cd93c8bd33`.
pub(super) fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.number(), random.number());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 50 | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// A SIP Call-ID such as `945a58fee724ab258ab6@203.0.113.9`.
pub(super) fn call_id(random: &mut Random) -> String {
    let (left, right) = (random.number(), random.number() & 0xffff);
    format!("{left:016x}{right:04x}@203.0.113.{}", random.below(250) + 1)
}

/// A number of the public network.
pub(super) fn number(random: &mut Random) -> String {
    match random.below(10) {
        0 => format!("+8150{:08}", random.below(100_000_000)),
        1..=4 => format!("0{}0{:08}", random.pick(&[7, 8, 9]), random.below(100_000_000)),
        _ => format!("03{:08}", random.below(100_000_000)),
    }
}

/// A login name.
pub(super) fn login(random: &mut Random) -> String {
    format!("{}{}", random.pick(LATIN_NAMES), random.below(9_000) + 1)
}

/// A display name: Japanese, Latin or a number.
pub(super) fn display_name(random: &mut Random) -> String {
    match random.below(10) {
        0..=3 => person(random),
        4 => random.pick(COMPANIES).to_owned(),
        5 => login(random),
        _ => number(random),
    }
}

/// A Japanese name.
pub(super) fn person(random: &mut Random) -> String {
    format!("{} {}", random.pick(FAMILY_NAMES), random.pick(GIVEN_NAMES))
}

/// The end user of a channel, as the PBX writes it: one customer, or `_MANY_`, or nobody in stars.
pub(super) fn end_user(random: &mut Random) -> String {
    match random.below(20) {
        0 => String::new(),
        1 => "*".repeat(3 + random.below(2) as usize),
        2..=4 => {
            let items = 2 + random.below(2);
            let declared = items + random.below(3);
            let mut text = format!("_MANY_:{declared}");
            for _ in 0..items {
                text.push('|');
                customer(random, &mut text);
            }
            text
        }
        _ => {
            let mut text = String::new();
            customer(random, &mut text);
            text
        }
    }
}

fn customer(random: &mut Random, text: &mut String) {
    let id = random.below(100_000);
    let name = person(random);
    let avatar = match random.below(3) {
        0 => String::new(),
        1 => format!("c{id}.png"),
        _ => format!("https://crm.example.test/a/{id}.jpg"),
    };
    let _ = write!(text, "{id}*");
    encode(&name, text);
    text.push('*');
    encode(random.pick(COMPANIES), text);
    text.push('*');
    encode(&avatar, text);
    if random.percent(80) {
        text.push('*');
        encode(random.pick(PREFECTURES), text);
    }
}

fn encode(part: &str, text: &mut String) {
    for byte in part.bytes() {
        match byte {
            b' ' => text.push('+'),
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => text.push(byte.into()),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
}
