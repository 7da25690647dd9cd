"""Texts: storage, databases, the server itself, and everything unnamed."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "errors.unnamed": {
        "zh": "出现问题（{code}），请重试；如仍不行请联系管理员。",
        "en": "Something went wrong ({code}); try again, then call the administrator.",
    },
    "errors.defect": {
        "zh": "程序出错，已记录，请联系技术支持。",
        "en": "The program made a mistake and logged it; call support.",
    },
    "storage.full": {
        "zh": "磁盘已满，本机暂停收款，请清理磁盘。",
        "en": "The disk is full and this counter has stopped selling; free some space.",
    },
    "storage.sealed": {
        "zh": "本机数据是用另一把密钥封存的：请放回原密钥文件，或把数据移到一旁 {path}。",
        "en": "Another key sealed this store: bring the key back, or move {path} aside.",
    },
    "storage.unreadable": {
        "zh": "本机数据无法读取，请从备份恢复或联系技术支持。",
        "en": "The local store cannot be read; restore a backup or call support.",
    },
    "storage.newer": {
        "zh": "本机数据由更新的版本写成，请升级软件。",
        "en": "The local store was written by a newer version; upgrade the software.",
    },
    "samples.exists": {
        "zh": "“{name}”已经建好，无需再建；要重来请换一个数据库。",
        "en": "“{name}” is there already; name another database to start again.",
    },
    "demos.running": {
        "zh": "演示已在运行，请等它结束，或先停止它（锁：{path}）。",
        "en": "A demo is running already; wait for it or stop it first (lock: {path}).",
    },
    "demos.not_ours": {
        "zh": "{path} 不是演示建立的，未作改动；请移走后再试。",
        "en": "{path} was not made by a demo and was left alone; move it away and try again.",
    },
    "databases.unknown_kind": {
        "zh": "不支持数据库 {database}，请用 sqlite 或 postgresql。",
        "en": "{database} is not supported; use sqlite or postgresql.",
    },
    "databases.no_address": {
        "zh": (
            "“{database}”不是数据库地址，请写成 fanpiao.sqlite3 这样的文件，"
            "或 postgresql://用户:密码@主机/库名。"
        ),
        "en": (
            "“{database}” is not a database's address; write a file like fanpiao.sqlite3, "
            "or postgresql://user:password@host/name."
        ),
    },
    "databases.missing": {
        "zh": "没有数据库 {path}，请核对路径；新数据库由 fanpiao server 建立。",
        "en": "There is no database at {path}; check the path. fanpiao server makes a new one.",
    },
    "databases.not_sqlite": {
        "zh": "{path} 不是可读的数据库文件，请换一个路径，或从备份恢复。",
        "en": "{path} is not a readable database; give another path, or restore a backup.",
    },
    "databases.bad_option": {
        "zh": "数据库地址里的选项不对（{detail}），请改正后再试。",
        "en": "An option in the database's address is wrong ({detail}); correct it and try again.",
    },
    "databases.not_durable": {
        "zh": "数据库设置 {setting}={value} 会丢数据，请改回 on 后再启动。",
        "en": "The database's {setting}={value} can lose money; set it to on, then start again.",
    },
    "databases.unreachable": {
        "zh": "连不上数据库，请检查地址和服务。",
        "en": "The database cannot be reached; check its address and that it runs.",
    },
    "databases.not_migrated": {
        "zh": "数据库结构不是最新，请先启动一次 fanpiao server，它会自动升级。",
        "en": "The database is of an older version; start fanpiao server once to bring it up.",
    },
    "databases.full": {
        "zh": "服务器磁盘已满或不可写，请清理磁盘。",
        "en": "The server's disk is full or not writable; free some space.",
    },
    "databases.commit_unknown": {
        "zh": "数据库在提交时中断，请用同一编号重试。",
        "en": "The database broke off while committing; send the same id again.",
    },
    "databases.one_process": {
        "zh": "SQLite 只能由一个进程使用，待办任务已由服务器处理，多进程请用 PostgreSQL。",
        "en": "SQLite has room for one process, the server itself; use PostgreSQL for more.",
    },
    "databases.not_empty": {
        "zh": "数据库 {database} 不是空的，请换一个空数据库再恢复。",
        "en": "The database {database} is not empty; restore into an empty one.",
    },
    "databases.tool_missing": {
        "zh": "找不到 {tool}，请安装 postgresql-client。",
        "en": "{tool} is not installed; install postgresql-client.",
    },
    "databases.tool_failed": {
        "zh": "{tool} 失败：{detail}，请处理后重试。",
        "en": "{tool} failed: {detail}; mend that, then try again.",
    },
    "backups.unreadable": {
        "zh": "{path} 不是完整的备份，请换一个备份文件。",
        "en": "{path} is not a whole backup; use another one.",
    },
    "backups.exists": {
        "zh": "{path} 已存在，请换一个文件名。",
        "en": "{path} exists already; give another name.",
    },
    "backups.other_engine": {
        "zh": "备份来自 {engine}，请恢复到同类数据库。",
        "en": "The backup is of {engine}; restore it into that kind of database.",
    },
    "server.overloaded": {
        "zh": "服务器繁忙，请稍后再试。",
        "en": "The server is busy; try again shortly.",
    },
    "server.bad_address": {
        "zh": "不能在 {host} 的端口 {port} 上监听（{detail}），请换一个地址或端口。",
        "en": "Cannot listen on {host}, port {port} ({detail}); choose another address or port.",
    },
    "server.unavailable": {
        "zh": "服务器暂不可用，请稍后再试。",
        "en": "The server is unavailable; try again shortly.",
    },
    "server.unreachable": {
        "zh": "连不上服务器，本机按离线规则继续收款。",
        "en": "The server cannot be reached; this counter goes on by its offline rules.",
    },
    "server.slow": {
        "zh": "服务器应答太慢，本机按离线规则继续收款。",
        "en": "The server answers too slowly; this counter goes on by its offline rules.",
    },
    "server.stopping": {
        "zh": "服务器正在停止，请稍后再试。",
        "en": "The server is stopping; try again shortly.",
    },
    "storage.in_use": {
        "zh": "另一个程序正在使用 {path}，请先关闭它。",
        "en": "Another process uses {path}; close it first.",
    },
    "storage.failing": {
        "zh": "读写 {path} 出错，请检查磁盘。",
        "en": "Reading or writing {path} fails; check the disk.",
    },
    "server.busy": {
        "zh": "服务器繁忙，请稍后再试。",
        "en": "The server is busy; try again shortly.",
    },
    "server.malformed": {
        "zh": "服务器的回答无法读取，请检查地址和软件版本。",
        "en": "The server's answer cannot be read; check its address and the software's version.",
    },
    "organisations.none": {
        "zh": "还没有机构，请先建立一个机构。",
        "en": "There is no organisation yet; create one first.",
    },
}
