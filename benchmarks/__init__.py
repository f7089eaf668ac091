"""What was to be measured, and the command that measures it.

Each prints a Markdown table, its command and the machine, and says of each target whether it is met; how far
it is goes to standard error. `--small` only shows that a benchmark works: give it no workspace of a real one.
`--home FOLDER` keeps the workspace, so that an interrupted benchmark goes on where it stood. Minutes are of
two quiet cores. What they want of `../shared`, Chromium or an environment of its own, each says itself
(`--help`).

The issue's acceptance line, then the command, then minutes:

    first release, 3   birds, cats and dogs          python -m benchmarks.birdcatdog                    8
    first release, 3   handwritten digits            python -m benchmarks.digits                       10
    first release, 7   first paint, changes of page  python -m benchmarks.pages                         4
    data, 1            what grouping holds together  python -m benchmarks.checks mri --features         3
    data, 2            planted trouble               python -m benchmarks.checks planted                4
    data, 3            hostile files are indexed     python -m benchmarks.checks hostile                1
    data, 4            100,000 images indexed        python -m benchmarks.indexing                      5
    data, 4            near-duplicates among them    python -m benchmarks.near                          5
    training, 1        beside the lesson's loop      python -m benchmarks.training_speed               20
    training, 1        beside fastai and Lightning   the same with --peers-python (see there)          30
    training, 1        accuracy beside the lesson's  python -m benchmarks.parity --home FOLDER         90
    training, 2        quick mode from cold          python -m benchmarks.quick                        12
    training, 2        its accuracy beside full's    python -m benchmarks.transfer --weights mobilenet 40
    training, 3        the input pipeline hides      python -m benchmarks.steps                        15
    training, 4        20 kills                      python -m benchmarks.resume                        8
    training, 4        20 kills in fp32              python -m benchmarks.resume --precision fp32       8
    training, 5        4 and 16 times the images     python -m benchmarks.cost_growth                  10
    training, 6        uneven classes                python -m benchmarks.imbalance --home FOLDER      25
    training, 7        ten runs from five sessions   python -m benchmarks.launches                      5
    training           does "time left" hold         python -m benchmarks.time_left                     6
    metrics, 1         coverage of the intervals     python -m benchmarks.metrics --coverage           25
    metrics, 3         50,000 images, 100 classes    python -m benchmarks.metrics                       1
    classify, 2        images of other kinds         python -m benchmarks.unknowns                      4
    classify, 4        hostile files                 python -m benchmarks.hostile                      10
    classify, 5        from bytes to answer          python -m benchmarks.inference                     3
    weights, 1         none, starter, MobileNetV2    python -m benchmarks.transfer --home FOLDER      120

Shared by them: `common` (arguments, workspace, command line, tables), `trials` (seeds, what is finished),
`memory`, `photos`, `served`, `browser`, `one_epoch`. Beside ours: `lesson_baseline`, `peers`.
"""
