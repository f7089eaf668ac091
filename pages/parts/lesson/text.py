"""The lesson's words: one text for each chapter, in Markdown."""

IMAGE = """
To a computer a photo is a **tensor**: for each of the three colours red, green and blue a grid of numbers,
one for each pixel. Its shape is written *channels × height × width*, so a square of 224 pixels is `(3, 224,
224)`: 150,528 numbers.

A **classification model** is a function from such a block to a label. It says *what* is in the picture, not
where. To learn it we need many pairs of an **image** and its **label**.
"""

SPLIT = """
If we asked the model about images that it has learned from, we would only measure its memory. So the images
are divided first. **Training** images teach. **Validation** images are looked at after each round, to
choose the best moment. **Test** images are opened once, at the end, and give the honest grade.

The workshop divides 80 / 20 and lets one part do both of the last two jobs; three parts are fairer, since
the images that choose the winner always flatter it. Either way every part should look like what the model
will meet in use, and no copy of an image may stand in two of them.
"""

MODEL = """
We do not start from nothing. A **backbone** such as ResNet-18 has been trained on a great many photos of
other things; on the way it learned edges, textures, fur, eyes. We keep that, throw its last layer away, and
put a new one in its place with **one output for each of your classes**: the **head**. This is called
*finetuning*, and it needs far fewer images and minutes than starting from random numbers.

For one image the backbone gives a list of numbers, its **features**; the head makes one score a class of
them, the **logits**. That is the whole model.
"""

TRAINING = """
The model guesses the label of a few training images at a time. The **loss** measures how wrong it was:
nearly 0 when it gave the right label a probability near 1, large when it was sure of a wrong one. Then
every weight is moved a little in the direction that makes the loss smaller. Once through all training
images is an **epoch**; after each one the validation images say whether it has really learned or only
memorised.

Watch for the training loss still falling while the validation loss rises: from there on it learns your
images by heart.
"""

EVALUATION = """
Now the weights stay as they are. The model answers for the images that were set aside, and each answer is
compared with the label. **Accuracy** is the share it got right. **Precision** asks how often it is right
when it *says* a class; **recall** how many of a class it *finds*.

Choose the figure that counts before you look. Are all mistakes equally bad? A missed cancer is not a false
alarm. And if one scan in a hundred shows cancer, a model that never says so is right 99 times in 100, and
useless.
"""

ANSWER = """
A new image comes without a label: nobody checks the answer, which is why the chapter before this one
matters. The model gives one score a class, the **logits**, which may be any number. **Softmax** turns them
into probabilities: it raises *e* to each score and divides by the sum of them all. Each lies between 0 and
1, together they make 1, and the highest is the answer.

A probability of 90 % is a promise, *right nine times in ten*. Whether it is kept is measured on the Metrics
page.
"""
