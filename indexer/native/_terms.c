/* How do terms get numbers? */
#include "_terms.h"

static void free_table(PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    free(table->slots);
    free(table->longs);
    free(table->text);
    free(table);
}

PyObject *kernel_term_table(PyObject *self, PyObject *args)
{
    Table *table = calloc(1, sizeof(Table));
    PyObject *capsule = table ? PyCapsule_New(table, NAME, free_table) : PyErr_NoMemory();
    if (!capsule) {
        free(table);
        return NULL;
    }
    table->room = table->long_room = 1 << 10;
    table->shift = 64 - 10;
    table->slots = calloc(table->room, sizeof(Slot));
    table->longs = calloc(table->long_room, sizeof(Long));
    if (!table->slots || !table->longs) {
        Py_CLEAR(capsule);
        PyErr_NoMemory();
    }
    return capsule;
}

PyObject *kernel_table_bytes(PyObject *self, PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    if (!table) return NULL;
    return PyLong_FromSize_t(table->room * sizeof(Slot) + table->long_room * sizeof(Long) + table->text_room);
}

static int put(Table *table, uint64_t key, uint32_t number)
{
    if (table->used * 5 >= table->room * 3) {
        Table grown = *table;
        grown.room *= 2;
        grown.shift--;
        grown.slots = calloc(grown.room, sizeof(Slot));
        if (!grown.slots) return no_memory();
        for (size_t i = 0; i < table->room; i++)
            if (table->slots[i].key) *slot_of(&grown, table->slots[i].key) = table->slots[i];
        free(table->slots);
        *table = grown;
    }
    *slot_of(table, key) = (Slot){key, number};
    table->used++;
    return 0;
}

/* Whether a term counts: 1, 0, or -1 for an error. */
int is_kept(PyObject *keep, PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    if (keep == Py_None) return 1;
    PyObject *term = PyUnicode_Substring(text, from, to);
    PyObject *answer = term ? PyObject_CallOneArg(keep, term) : NULL;
    int kept = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(term);
    Py_XDECREF(answer);
    return kept;
}

/* Whether there is no number for one more term: symbols have 31 bits for it. Raises ValueError if so. */
static int is_full(const Table *table) { return table->next >> 31 ? refuse("there are at most 2**31 terms") : 0; }

/* The number of a term whose slot is free, now remembered; DROPPED where it is none; -1 for an error. */
int64_t number_key(Table *table, uint64_t key, int kept)
{
    uint32_t number = kept ? table->next : DROPPED;
    if (kept < 0 || is_full(table) || put(table, key, number) < 0) return -1;
    table->next += (uint32_t)kept;
    return number;
}

/* ---- longer terms -------------------------------------------------------------------------------- */

static inline size_t long_home(const Long *one, size_t room)
{
    return (size_t)(one->hash * 0x9E3779B97F4A7C15ull >> 32) & (room - 1);
}

/* Writes a term behind all others, where it stays once it is counted as used; -1 with an error set. */
static int write_term(Table *table, int kind, const void *data, Py_ssize_t from, Py_ssize_t to, Long *term)
{
    size_t most = table->text_used + LENGTH + 4 * (size_t)(to - from);
    if (to - from > INT32_MAX / 4) return refuse("a term is too long");
    if (most > table->text_room) {
        char *grown = realloc(table->text, most + most / 2);
        if (!grown) return no_memory();
        table->text = grown;
        table->text_room = most + most / 2;
    }
    char *at = table->text + table->text_used + LENGTH;
    uint64_t hash = 0xCBF29CE484222325ull;
    uint32_t length = 0;
    for (; from < to; from++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, from);
        length += encode(c, at + length);
        hash = (hash ^ c) * 0x100000001B3ull;
    }
    memcpy(table->text + table->text_used, &length, LENGTH);
    *term = (Long){table->text_used + 1, (uint32_t)(hash ^ hash >> 32), DROPPED};
    return 0;
}

/* The slot of a term that was written: its own, or a free one. */
static Long *long_slot(const Table *table, const Long *term)
{
    uint32_t length, other;
    const char *text = long_text(table, term, &length);
    size_t at = long_home(term, table->long_room);
    for (;; at = (at + 1) & (table->long_room - 1)) {
        Long *one = &table->longs[at];
        if (!one->place) return one;
        if (one->hash != term->hash) continue;
        const char *own = long_text(table, one, &other);
        if (other == length && !memcmp(own, text, length)) return one;
    }
}

static int grow_longs(Table *table)
{
    Table grown = *table;
    grown.long_room *= 2;
    grown.longs = calloc(grown.long_room, sizeof(Long));
    if (!grown.longs) return no_memory();
    for (size_t i = 0; i < table->long_room; i++) {
        if (!table->longs[i].place) continue;
        size_t at = long_home(&table->longs[i], grown.long_room);
        while (grown.longs[at].place) at = (at + 1) & (grown.long_room - 1);
        grown.longs[at] = table->longs[i];
    }
    free(table->longs);
    *table = grown;
    return 0;
}

/* The number of text[from:to], which has no key; DROPPED where it is no term; -1 for an error. */
int64_t number_long(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, PyObject *keep)
{
    int kind = PyUnicode_KIND(text), kept = 1;
    const void *data = PyUnicode_DATA(text);
    Long term;
    if (write_term(table, kind, data, from, to, &term) < 0) return -1;
    Long *slot = long_slot(table, &term);
    if (slot->place) return slot->number;
    if (keep != Py_None) {
        kept = is_kept(keep, text, from, to);
        /* What was asked is Python, and may have come here meanwhile. */
        if (kept < 0 || write_term(table, kind, data, from, to, &term) < 0) return -1;
    }
    if (is_full(table) || (table->long_used * 5 >= table->long_room * 3 && grow_longs(table) < 0)) return -1;
    slot = long_slot(table, &term);
    if (slot->place) return slot->number;
    uint32_t length;
    long_text(table, &term, &length);
    table->text_used += LENGTH + length;
    table->long_used++;
    term.number = kept ? table->next : DROPPED;
    table->next += (uint32_t)kept;
    *slot = term;
    return term.number;
}
