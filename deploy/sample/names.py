"""Names and addresses of people and streets that do not exist.

First and last names are common ones; together with invented streets they name nobody.
"""

# ruff: noqa: SIM905 - lists of words are read and kept more easily as text

from contracts.reasons import Sex

FIRST_NAMES: dict[Sex, tuple[str, ...]] = {
    Sex.WOMAN: tuple(
        "Alice Maja Elsa Ella Wilma Ebba Klara Julia Agnes Freja Saga Alva Olivia Astrid Linnéa Molly Emma "
        "Ida Tuva Nora Selma Stella Signe Amina Fatima Hodan Mariam Zahra Yasmin Leila Sara Nour Aisha Rojin "
        "Hana Selam Jelena Milica Natalia Zuzanna Sofía Valentina Aino Helmi Meryem Elif Dilan Samira "
        "Märta".split()
    ),
    Sex.MAN: tuple(
        "William Lucas Oscar Hugo Elias Oliver Liam Alexander Viktor Axel Emil Filip Leo Theo Nils Arvid "
        "Albin Melvin Ludvig Edvin Isak Anton Gustav Sixten Mohamed Ali Omar Ahmed Yusuf Hamza Ibrahim Adam "
        "Abdi Karim Rashid Samuel Dawit Nikola Stefan Jakub Mateo Diego Eetu Väinö Emre Deniz Rebin Noah "
        "Måns".split()
    ),
}
LAST_NAMES: tuple[str, ...] = tuple(
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson "
    "Lindberg Lindström Lindqvist Lindgren Axelsson Bergström Lundberg Lundgren Sandberg Forsberg Sjöberg "
    "Engström Eklund Öberg Åkesson Nyström Holmqvist Björk Sundström Mattsson Hassan Ali Mohamed Ahmed Abdi "
    "Haddad Khalil Rahimi Hosseini Yilmaz Demir Kaya Tesfaye Haile Petrović Jovanović Kowalska Nowak Virtanen "
    "Korhonen González Fernández Nguyen Chen".split()
)
_STREET_BEGINS: tuple[str, ...] = tuple(
    "Vimpel Ekorr Snöbärs Kvarnhjuls Lyktstolps Pärlhöns Gråsparvs Månskens Blåklocks Hasselnöts Roddbåts "
    "Segelduks Vindspels Tallkotte Humle Grönsisks Trollslände Bärnstens Silverlinds Kopparslagar Ångbåts "
    "Skridsko Fjällräv Östersken Brunnskarls Äppelkart".split()
)
_STREET_ENDS = ("vägen", "gatan", "gränd", "stigen", "backen", "slingan")

STREETS: tuple[str, ...] = tuple(begin + end for begin in _STREET_BEGINS for end in _STREET_ENDS)
CARE_OF: tuple[str, ...] = ("c/o Familjehemmet Linden", "c/o Stödboendet Hamnen", "c/o Stödboendet Fyren")
