"""Published tables come out again, to the digits that were printed."""

import numpy as np
import pytest
from posed import category, cells, number, outcome, posed
from published import SEX2_TERMS, cowles, psid1976, sex2, voteincome, womenlf

from engagement.analysis import contrasts, firth, predictors
from engagement.analysis.contrasts import Reference

SEX = '[factors.sex]\nreference = "female"\n'


def model(terms, method="maximum_likelihood"):
    return f'[[model]]\nname = "m"\noutcome = "took_part"\nterms = {terms}\nmethod = "{method}"\n'


def assert_printed(values, shown):
    """Each value rounds to the figure as it was printed."""
    for value, text in zip(values, shown.split(), strict=True):
        digits = len(text.partition(".")[2])
        assert float(f"{value:.{digits}f}") == float(text), f"{value} printed as {text}"


def coefficients(folder, data, text, order):
    rows = predictors.models(data, posed(folder, text + outcome()))
    assert (rows["verdict"] == "described").all()
    return rows.set_index("term").loc[order.split()]


def test_volunteering_of_students_as_in_cowles_and_davis_and_friendly(tmp_path):
    text = SEX + number("neuroticism") + number("extraversion")
    text += model(["sex", "neuroticism", "extraversion", "neuroticism:extraversion"])
    order = "intercept sex neuroticism extraversion neuroticism:extraversion"
    found = coefficients(tmp_path, cowles(), text, order)
    assert_printed(found["estimate"], "-2.35821 -.24715 .11078 .16682 -.00855")
    assert_printed(found["std_error"], ".50132 .11163 .03765 .03772 .00293")
    assert found.loc["sex", "contrast"] == "male|female"
    assert (found["members"] == 1421).all()
    assert (found["events"] == 597).all()


def test_the_deviances_of_cowles_are_the_printed_ones():
    data = cowles()
    n, e = data["neuroticism"], data["extraversion"]
    columns = [data["sex"] == "male", n, e, n * e]
    fit = firth.logistic(
        np.column_stack([np.ones(1421), *columns]), data["attended"], data["due"], penalised=False
    )
    null = firth.logistic(np.ones((1421, 1)), data["attended"], data["due"], penalised=False)
    assert_printed([-2 * null.log_likelihood, -2 * fit.log_likelihood], "1933.5 1897.4")
    assert_printed([2 * 5 - 2 * fit.log_likelihood], "1907.4")


def test_labour_force_participation_as_in_wooldridge(tmp_path):
    names = ["other_income", "education", "experience", "age", "youngkids", "oldkids"]
    text = "".join(number(name) for name in names if name not in ("education", "age"))
    text += '[factors.age]\nkind = "number"\n[factors.education]\nkind = "number"\n'
    text += model([*names[:3], "experience^2", *names[3:]])
    order = "other_income education experience experience^2 age youngkids oldkids intercept"
    found = coefficients(tmp_path, psid1976(), text, order)
    assert_printed(found["estimate"], "-.0213 .2212 .2059 -.0032 -.0880 -1.4434 .0601 .4255")
    assert (found["members"] == 753).all()
    assert (found["events"] == 428).all()


def test_the_log_likelihood_of_wooldridge_is_the_printed_one():
    data = psid1976()
    names = ["other_income", "education", "experience", "age", "youngkids", "oldkids"]
    design = np.column_stack([np.ones(753), data[names], data["experience"] ** 2])
    fit = firth.logistic(design, data["attended"], data["due"], penalised=False)
    null = firth.logistic(np.ones((753, 1)), data["attended"], data["due"], penalised=False)
    assert_printed(
        [fit.log_likelihood, 1 - fit.log_likelihood / null.log_likelihood], "-401.765 .220"
    )


@pytest.mark.parametrize(
    ("kept", "event", "printed"),
    [
        (
            ["not.work", "parttime", "fulltime"],
            ["parttime", "fulltime"],
            "1.33583 -.04231 -1.57565",
        ),
        (["parttime", "fulltime"], ["fulltime"], "3.47777 -.10727 -2.65146"),
    ],
)
def test_the_nested_logits_of_canadian_women_as_in_friendly(tmp_path, kept, event, printed):
    women = womenlf()
    women = women[women["work"].isin(kept)]
    data = cells(women.assign(attended=women["work"].isin(event).astype(int)))
    text = (
        number("hincome") + category("children", "absent present") + model(["hincome", "children"])
    )
    found = coefficients(tmp_path, data, text, "intercept hincome children")
    assert_printed(found["estimate"], printed)


@pytest.mark.parametrize(
    ("kept", "event", "printed"),
    [
        (["not.work", "parttime", "fulltime"], ["parttime", "fulltime"], "356.15 319.73"),
        (["parttime", "fulltime"], ["fulltime"], "144.34 104.49"),
    ],
)
def test_the_deviances_of_the_nested_logits_are_the_printed_ones(kept, event, printed):
    women = womenlf()
    women = women[women["work"].isin(kept)]
    worked, ones = women["work"].isin(event).to_numpy(float), np.ones(len(women))
    design = np.column_stack([ones, women["hincome"], women["children"] == "present"])
    fits = [
        firth.logistic(columns.astype(float), worked, ones, penalised=False)
        for columns in (design[:, :1], design)
    ]
    assert_printed([-2 * fit.log_likelihood for fit in fits], printed)


def slopes(design, outcome, column):
    """The average slope of a column and its standard error: a difference over a tiny step."""
    fit = firth.logistic(design, outcome, np.ones(len(design)), penalised=False)
    high, low = design.copy(), design.copy()
    high[:, column] += 5e-6
    low[:, column] -= 5e-6
    shares = contrasts.standardised(fit.coefficients, high, low, np.ones(len(design)))
    return [one / 1e-5 for one in (shares.difference, contrasts.std_error(shares, fit.covariance))]


@pytest.mark.parametrize(
    ("name", "printed"),
    [("youngkids", "-.2578 .0319"), ("education", ".0395 .0073"), ("age", "-.0157 .0024")],
)
def test_the_average_slopes_of_labour_force_participation_are_those_of_the_protocol(name, printed):
    data = psid1976()
    names = ["other_income", "education", "experience", "age", "youngkids", "oldkids"]
    design = np.column_stack([np.ones(753), data[names], data["experience"] ** 2])
    found = slopes(design, data["attended"].to_numpy(float), 1 + names.index(name))
    assert_printed(found, printed)


def test_the_average_slopes_of_voting_are_those_of_the_protocol():
    data = voteincome()
    design = np.column_stack([np.ones(1500), data[["income_group", "education", "age", "female"]]])
    outcome = data["attended"].to_numpy(float)
    found = [slopes(design, outcome, column)[0] for column in range(1, 5)]
    assert_printed(found, ".0112 .0268 .0020 .0369")


def test_voting_in_two_states_as_computed_in_r(tmp_path):
    text = "".join(number(name) for name in ("income_group", "female"))
    text += '[factors.age]\nkind = "number"\n[factors.education]\nkind = "number"\n'
    text += model(["income_group", "education", "age", "female"])
    found = coefficients(
        tmp_path, voteincome(), text, "intercept income_group education age female"
    )
    assert_printed(found["estimate"], "-.8776 .0943 .2249 .0165 .3099")
    assert_printed(found["std_error"], ".3758 .0217 .0901 .0043 .1510")


def test_the_penalised_fit_of_sex2_is_that_of_logistf():
    fit = firth.logistic(*sex2())
    printed = "0.12025405 -1.10598131 -0.06881673 2.26887464 -2.11140817 -0.78831694 3.09601166"
    # logistf stops a little before the top: its last digits are its own.
    assert np.abs(fit.coefficients - np.array(printed.split(), float)).max() < 1e-6


def test_the_profile_limits_of_sex2_are_those_of_logistf():
    fit = firth.logistic(*sex2())
    printed = [
        (-1.97379, -0.307427), (-0.941436, 0.789202), (1.27304, 3.43543),
        (-3.26086, -1.11774), (-1.60809, 0.0151846), (0.774568, 8.03028),
    ]  # fmt: skip
    found = [firth.profile(fit, column) for column in range(1, 7)]
    assert np.abs(np.array(found) - printed).max() < 3e-5


def test_the_tests_of_sex2_are_those_of_logistf():
    fit = firth.logistic(*sex2())
    printed = [
        0.8020268,
        0.006143472,
        0.8751911,
        1.678877e-06,
        1.237805e-05,
        0.05449701,
        0.004951873,
    ]
    found = [firth.likelihood_ratio(fit, [column])[1] for column in range(7)]
    assert found == pytest.approx(printed, rel=1e-6)
    statistic, _ = firth.likelihood_ratio(fit, range(1, 7))
    assert statistic == pytest.approx(49.09064, abs=5e-6)


def set_to(design, column, value):
    changed = design.copy()
    changed[:, column] = value
    return changed


def difference(design, successes, trials, column):
    fit = firth.logistic(design, successes, trials)
    shares = contrasts.standardised(
        contrasts.flic(fit), set_to(design, column, 1.0), set_to(design, column, 0.0), trials
    )
    return shares.p1, shares.p0, *contrasts.mover(shares, Reference(fit.covariance, np.inf))


def test_the_intercept_of_sex2_is_corrected_as_two_programs_agree():
    fit = firth.logistic(*sex2())
    assert_printed([contrasts.flic(fit)[0]], ".131539")
    assert_printed([fit.trials @ fit.shares / 239, 130 / 239], ".541625 .543933")


@pytest.mark.parametrize(
    ("term", "printed"),
    [("vic", ".735718 .345504 .263072 .501121"), ("dia", ".949829 .531522 -.086823 .494372")],
)
def test_the_differences_of_sex2_are_those_two_programs_agree_on(term, printed):
    assert_printed(difference(*sex2(), SEX2_TERMS.index(term) + 1), printed)


def test_the_difference_of_women_in_voting_is_the_one_two_programs_agree_on():
    data = voteincome()
    design = np.column_stack([np.ones(1500), data[["income_group", "education", "age", "female"]]])
    found = difference(design, data["attended"].to_numpy(float), np.ones(1500), 4)
    assert_printed(found, ".871118 .833871 .001758 .073840")


def test_the_difference_of_men_in_cowles_is_the_one_two_programs_agree_on():
    data = cowles()
    n, e = data["neuroticism"], data["extraversion"]
    design = np.column_stack([np.ones(1421), data["sex"] == "male", n, e, n * e]).astype(float)
    found = difference(design, data["attended"].to_numpy(float), np.ones(1421), 1)
    assert_printed(found, ".387859 .446365 -.109864 -.006506")
