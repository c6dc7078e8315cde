//! The texts of script and service, in each language.

use std::fmt;

use crate::model::word::{closed_words, words};

words! {
    /// The language of the texts that users read, and of the script's comments.
    #[derive(Default)]
    pub enum Language {
        /// English.
        #[default]
        En = "en",
        /// Russian.
        Ru = "ru",
    }
}

closed_words!(Language, "language, expected en or ru");

impl Language {
    const fn pick<'a>(self, en: &'a str, ru: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Ru => ru,
        }
    }

    /// Finds a text of the script by its name.
    pub(super) fn text(self, name: &str) -> Option<&'static str> {
        let (_, en, ru) = TEXTS.iter().chain(COMMENTS).find(|(it, ..)| *it == name)?;
        Some(self.pick(en, ru))
    }

    /// Buttons that the script has and the provider has not.
    pub(in crate::module_script) fn buttons_lacking(self, names: &str) -> String {
        let (en, ru) = (
            "The script offers {names}, which the PBX does not; generate the script again.",
            "Скрипт предлагает {names}, а АТС этого не поддерживает: создайте скрипт заново.",
        );
        self.pick(en, ru).replace("{names}", names)
    }

    /// Events that do not arrive, and the status of the webhook URL if it answers. A blocked one needs
    /// another URL.
    pub(in crate::module_script) fn push_fails(
        self,
        is_blocked: bool,
        status: Option<u16>,
    ) -> String {
        let (en, ru) = match status {
            Some(_) if is_blocked => (
                "Events cannot be delivered: the webhook URL answers {n}; enter the current one.",
                "События не доставляются: адрес вебхука отвечает {n}; укажите действующий адрес.",
            ),
            Some(_) => (
                "Events cannot be delivered: the webhook URL answers {n}.",
                "События не доставляются: адрес вебхука отвечает {n}.",
            ),
            None => (
                "Events cannot be delivered: the webhook URL does not answer.",
                "События не доставляются: адрес вебхука не отвечает.",
            ),
        };
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        self.pick(en, ru).replace("{n}", &status)
    }
}

/// Texts for users, as name, English and Russian. `{message}` and its like are filled by the script.
// W74–W89, W189
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "setting",
        "Module setting \"{name}\" is missing or wrong.",
        "Настройка модуля «{name}» не заполнена или неверна.",
    ),
    ("unreachable", "The telephony service does not answer.", "Сервис телефонии не отвечает."),
    (
        "notOurService",
        "The address does not lead to the telephony service (status {n}).",
        "По адресу отвечает не сервис телефонии (статус {n}).",
    ),
    ("unauthorized", "The service key is wrong.", "Неверный ключ сервиса."),
    (
        "unsupportedProtocol",
        "The service is older or newer than this script; update the service or generate the script \
         again.",
        "Версии сервиса и скрипта не подходят друг к другу: обновите сервис или создайте скрипт \
         заново.",
    ),
    ("unsupported", "The PBX does not offer this function.", "АТС не поддерживает эту функцию."),
    ("auth", "The PBX refused the service's credentials.", "АТС отклонила учётные данные сервиса."),
    ("remote", "The PBX refused: {message}", "АТС ответила отказом: {message}"),
    (
        "transport",
        "The PBX cannot be reached or gave an unusable answer.",
        "АТС недоступна или вернула непонятный ответ.",
    ),
    (
        "timeout",
        "The PBX did not answer in time; the action may still have been carried out.",
        "АТС не ответила вовремя; действие могло быть выполнено.",
    ),
    ("invalidArgument", "A number is missing or wrong.", "Номер не указан или неверен."),
    ("noRecording", "The call has no recording.", "У звонка нет записи."),
    ("invalidLink", "The recording cannot be opened.", "Запись звонка нельзя открыть."),
    (
        "notReady",
        "The service is starting, stopping or busy; try again.",
        "Сервис запускается, останавливается или занят; повторите попытку.",
    ),
    ("config", "The service is not set up: {message}", "Сервис не настроен: {message}"),
    ("other", "Telephony error ({code}).", "Ошибка телефонии ({code})."),
];

/// Comments of the script, for the administrator who reviews it.
// W37
const COMMENTS: &[(&str, &str, &str)] = &[
    (
        "requestIdComment",
        "Makes the id of a request: unique, not secret.",
        "Создаёт идентификатор запроса: уникальный, не секретный.",
    ),
    (
        "wrongSettingComment",
        "Returns the name of a setting that is missing or wrong, or an empty string.",
        "Возвращает имя незаполненной или неверной настройки либо пустую строку.",
    ),
    // W70
    (
        "fetchComment",
        "Sends a request. The text is read directly after the answer: with another step between, some \
         editions hang.",
        "Отправляет запрос. Текст читается сразу после ответа: иначе некоторые версии зависают.",
    ),
    (
        "lateComment",
        "Fails when the time limit is over.",
        "Завершается ошибкой, когда время ожидания истекло.",
    ),
    (
        "postComment",
        "Asks the service once, and returns its reply or the kind of error. Never throws.",
        "Один раз спрашивает сервис и возвращает его ответ или вид ошибки. Исключений не бросает.",
    ),
    (
        "askComment",
        "Asks the service, and throws the text for the user if that fails.",
        "Спрашивает сервис; при ошибке бросает текст для пользователя.",
    ),
    (
        "textComment",
        "Returns the text for the user, with the start of the id under which the service logged it.",
        "Возвращает текст для пользователя и начало идентификатора, под которым запрос есть в журнале \
         сервиса.",
    ),
    ("reasonComment", "Returns the text of an error.", "Возвращает текст ошибки."),
    (
        "cleanComment",
        "Cuts a text of others, without the key and control characters.",
        "Обрезает чужой текст, убирая ключ и управляющие символы.",
    ),
    (
        "testComment",
        "Tests the connection to the service and to the PBX.",
        "Проверяет связь с сервисом и с АТС.",
    ),
    (
        "forgottenComment",
        "Without the stored URL the test still works.",
        "Проверка работает и без сохранённого адреса.",
    ),
    (
        "membersComment",
        "Returns the PBX's operators, for the mapping table.",
        "Возвращает сотрудников АТС для таблицы соответствия.",
    ),
    (
        "generateComment",
        "Starts a call from an operator to a number.",
        "Начинает звонок сотрудника на номер.",
    ),
    ("linkComment", "Returns the link to a recording.", "Возвращает ссылку на запись звонка."),
    (
        "updatedComment",
        "Gives the service the new address of the webhook.",
        "Передаёт сервису новый адрес вебхука.",
    ),
    ("acceptComment", "Accepts a call.", "Принимает звонок."),
    ("hangupComment", "Ends a call.", "Завершает звонок."),
    (
        "redirectComment",
        "Connects the client to another operator.",
        "Переводит клиента на другого сотрудника.",
    ),
    (
        "holdComment",
        "Holds a call, or resumes it.",
        "Ставит звонок на удержание или снимает с него.",
    ),
    (
        "parseComment",
        "Turns a request to the webhook into an event, a call record and the answer to the sender. \
         Never throws.",
        "Превращает запрос к вебхуку в событие, запись о звонке и ответ отправителю. Исключений не \
         бросает.",
    ),
    (
        "headersComment",
        "Returns the headers for the service, without those that hold keys or belong to the connection.",
        "Возвращает заголовки для сервиса без тех, что содержат ключи или относятся к соединению.",
    ),
    (
        "queryComment",
        "Adds the query without the webhook's token.",
        "Добавляет параметры адреса без токена вебхука.",
    ),
    (
        "isTokenComment",
        "Returns whether a parameter is the webhook's token.",
        "Проверяет, является ли параметр токеном вебхука.",
    ),
    (
        "pushComment",
        "Returns a push of the service, or undefined for a request of anyone else.",
        "Возвращает сообщение сервиса или undefined для чужого запроса.",
    ),
    (
        "pushResultComment",
        "Hands a push to the platform. The platform has checked the token.",
        "Передаёт сообщение сервиса платформе. Токен проверила платформа.",
    ),
    (
        "resultComment",
        "Makes the result for the platform. A part with an unknown word is left out and reported.",
        "Создаёт результат для платформы. Часть с неизвестным словом пропускается, о ней сообщается.",
    ),
    (
        "eventComment",
        "Makes an event: undefined without one, null if it is unusable.",
        "Создаёт событие: undefined, если его нет, null, если оно непригодно.",
    ),
    (
        "recordComment",
        "Makes a call record: undefined without one, null if it is unusable.",
        "Создаёт запись о звонке: undefined, если её нет, null, если она непригодна.",
    ),
    (
        "phoneComment",
        "Returns a text, or an empty string in place of anything else.",
        "Возвращает текст, а вместо всего остального пустую строку.",
    ),
    ("stageComment", "Returns the stage of a call.", "Возвращает стадию звонка."),
    ("directionComment", "Returns the direction of a call.", "Возвращает направление звонка."),
    ("dispositionComment", "Returns the outcome of a call.", "Возвращает итог звонка."),
    (
        "answerComment",
        "Returns the service's answer to the sender.",
        "Возвращает ответ сервиса отправителю.",
    ),
    (
        "refusalComment",
        "Returns the answer to the sender when the service gave none. It holds no details.",
        "Возвращает ответ отправителю, если сервис его не дал. Подробностей в нём нет.",
    ),
    ("responseComment", "Makes an answer.", "Создаёт ответ."),
    (
        "headGenerated",
        "Generated; do not edit, generate it again.",
        "Создано программой; не изменяйте, создайте заново.",
    ),
    ("headFunctions", "Functions", "Функции"),
    ("headSettings", "Settings of the module", "Настройки модуля"),
];

/// A text as an expression of the script; placeholders become members of the reply.
pub(super) struct Expression<'a>(pub(super) &'a str);

impl fmt::Display for Expression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, from)) = rest.split_once('{') {
            let (name, after) = from.split_once('}').unwrap_or((from, ""));
            let value = match name {
                "n" => "$Clean(reply.status, 10)",
                "code" => "$Clean(reply.code, 64)",
                "name" => "reply.message",
                _ => "$Clean(reply.message, 200)",
            };
            write!(f, "{} + {value}", Literal(before))?;
            rest = after;
            if rest.is_empty() {
                return Ok(());
            }
            f.write_str(" + ")?;
        }
        write!(f, "{}", Literal(rest))
    }
}

/// Writes a text as a string literal of the script.
// W35
pub(super) struct Literal<'a>(pub(super) &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
        for character in self.0.chars() {
            match character {
                '\'' | '\\' => write!(f, "\\{character}")?,
                '\u{2028}' | '\u{2029}' => write!(f, "\\u{:04x}", u32::from(character))?,
                _ if character.is_control() => write!(f, "\\u{:04x}", u32::from(character))?,
                _ => write!(f, "{character}")?,
            }
        }
        f.write_str("'")
    }
}
