/* The best local alignment of symbols within some diagonals: see indexer/trace/alignment.py. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

#define MOST ((int64_t)1 << 28)         /* scores that are kept, and diagonals */

typedef struct {
    const uint32_t *passage, *document;
    int64_t length;                     /* of the document */
    int64_t first, rows, low, width;
    int32_t *scores;                    /* (rows + 1) × (width + 1); the last column stays 0 */
} Task;

static inline int same_at(const Task *task, int64_t row, int64_t column)
{
    int64_t at = task->first + row + task->low + column;
    return at >= 0 && at < task->length && task->document[at] == task->passage[task->first + row];
}

/* Fills the scores; returns the index of the first best one. */
static int64_t fill(const Task *task)
{
    int64_t stride = task->width + 1, best = 0;
    for (int64_t row = 0; row < task->rows; row++) {
        const int32_t *above = task->scores + row * stride;
        int32_t *own = task->scores + (row + 1) * stride;
        int64_t from = task->first + row + task->low;
        int64_t start = from < 0 ? -from : 0, end = task->length - from;
        uint32_t wanted = task->passage[task->first + row];
        if (end > task->width) end = task->width;
        for (int64_t c = start; c < end; c++) {
            int32_t score = above[c] + (task->document[from + c] == wanted ? 1 : -1);
            if (above[c + 1] - 1 > score) score = above[c + 1] - 1;
            if (c > start && own[c - 1] - 1 > score) score = own[c - 1] - 1;
            own[c] = score > 0 ? score : 0;
            if (own[c] > task->scores[best]) best = (row + 1) * stride + c;
        }
    }
    return best;
}

/* The runs on the way back from a score, ascending. */
static PyObject *trace(const Task *task, int64_t best)
{
    int64_t stride = task->width + 1, row = best / stride, column = best % stride;
    int64_t place = 0, at = 0, length = 0;
    PyObject *runs = PyList_New(0);
    while (runs && task->scores[row * stride + column] > 0) {
        int32_t score = task->scores[row * stride + column];
        const int32_t *above = task->scores + (row - 1) * stride;
        int same = same_at(task, row - 1, column), kept = 0;
        if (above[column] + (same ? 1 : -1) == score) {
            row--;
            if ((kept = same)) {
                place = task->first + row;
                at = place + task->low + column;
                length++;
            }
        } else if (above[column + 1] - 1 == score) {
            row--, column++;
        } else {
            column--;
        }
        if (length && (!kept || task->scores[row * stride + column] <= 0)) {
            PyObject *run = Py_BuildValue("(LLL)", (long long)place, (long long)at, (long long)length);
            if (!run || PyList_Append(runs, run) < 0) Py_CLEAR(runs);
            Py_XDECREF(run);
            length = 0;
        }
    }
    if (runs && PyList_Reverse(runs) < 0) Py_CLEAR(runs);
    return runs;
}

static PyObject *aligned(PyObject *self, PyObject *args)
{
    Py_buffer passage, document;
    long long first, last, low, high;
    PyObject *runs = NULL;
    if (!PyArg_ParseTuple(args, "y*y*LLLL", &passage, &document, &first, &last, &low, &high)) return NULL;
    int64_t symbols = passage.len / 4, length = document.len / 4;
    if (first < 0 || last < first || last > symbols || high < low || low < -MOST || high > MOST
        || (last - first + 1) * (high - low + 2) > MOST) {
        PyErr_SetString(PyExc_ValueError, "the band is not within the passage");
    } else {
        Task task = {passage.buf, document.buf, length, first, last - first, low, high - low + 1, NULL};
        task.scores = calloc((size_t)(task.rows + 1), (size_t)(task.width + 1) * sizeof(int32_t));
        if (!task.scores) {
            PyErr_NoMemory();
        } else {
            int64_t best;
            Py_BEGIN_ALLOW_THREADS
            best = fill(&task);
            Py_END_ALLOW_THREADS
            runs = trace(&task, best);
            free(task.scores);
        }
    }
    PyBuffer_Release(&passage);
    PyBuffer_Release(&document);
    return runs;
}

static PyMethodDef methods[] = {
    {"aligned", aligned, METH_VARARGS, "The runs of the best alignment in a band."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_align", "See indexer/trace/alignment.py.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__align(void) { return PyModule_Create(&module); }
