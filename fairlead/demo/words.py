"""Invented names: companies, people and titles are put together from these lists and belong to nobody."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: Final = _words(
    "Ada Aiko Alma Amara Anders Anika Anton Ari Asha Astrid Aurel Bea Benno Bodil Bram Callum Carla Cato Celia Cem "
    "Ciara Clio Cora Dario Davit Delia Dina Edda Eino Elias Elif Elmo Emeka Enzo Erin Esme Fadi Farah Felix Fern "
    "Flora Gala Gideon Greta Hana Hedda Hugo Ida Ilse Imani Ines Ingo Iris Isak Ivo Jalen Jana Joan Jonas Juno Kaia "
    "Karim Keiko Kemal Kira Lana Lars Leif Lena Levi Liam Lior Liv Luca Lucia Mads Maeve Malik Mara Marek Mateo Mila "
    "Mina Moira Nadia Nell Nico Nils Nora Noor Odette Olek Omar Oona Orla Otis Paz Petra Pia Priya Quinn Rafi Rania "
    "Rhea Rosa Runa Sami Sana Selma Silas Sofia Sunil Tariq Tessa Theo Tova Uma Vera Viggo Willa Yara Yusuf Zara "
    "Zeno"
)
LAST_NAMES: Final = _words(
    "Abbot Achterberg Adeyemi Almgren Anand Arkwright Aydin Bakker Balogun Barlow Bellamy Birch Blomqvist Bonnard "
    "Brandt Brook Calloway Carrow Castellan Chandra Cole Corrigan Dahlin Danso Delacour Demir Dolan Dufresne Eklund "
    "Ellery Eze Fairbairn Falk Farrow Ferrante Finch Fontaine Frost Galloway Garrick Gomes Grahn Greer Haddad Hale "
    "Halvorsen Hart Hasegawa Haugen Hearne Holm Ibarra Ilves Imani Ishii Iyer Jansen Jarvis Joshi Kaplan Karlsen "
    "Keane Kessler Kimura Kovac Lachance Lang Larkin Laurent Lindqvist Lombard Lund Maddox Mancini Marlowe Mbeki "
    "Mehta Mercer Moreau Moss Nakano Narayan Navarro Nilsen Norwood Novak Oakes Obi Okafor Olsen Ortega Osei Paine "
    "Palmer Park Pereira Petrov Quayle Quist Rahman Ramos Renner Rhodes Rossi Rowe Sabo Saito Salazar Sandoval Sato "
    "Schaefer Sinclair Solberg Sorensen Stone Strand Tanaka Thorne Tierney Toivonen Turan Underhill Vance Varga "
    "Vidal Wallin Ward Weiss Whitlock Winther Yilmaz Young Zabala Zimmer"
)
STEM_HEADS: Final = _words(
    "Al Bel Bran Cal Cor Dar Del Dun El Fal Fen Gal Gran Hal Har Il Jor Kel Kor Lan Lor Mal Mar Mel Nor Ol Or Pel "
    "Quel Ran Ros Sal Sel Tal Tor Ul Val Vel Wen Yor Zan"
)
STEM_TAILS: Final = _words(
    "adrin aven bury dane deck den dora dris eth fax field ford gate grove hurst ick ilon ister ium lane leigh lock "
    "mark mere mont more nath nell odan ora quist ridge rith roth stad stow tane tara thorpe uno vale vane wick wyn"
)
TRADES: Final = {
    "Manufacturing": ("Metals", "Tooling", "Castings", "Works"),
    "Software": ("Systems", "Software", "Logic", "Cloud"),
    "Financial Services": ("Capital", "Credit", "Mutual", "Partners"),
    "Healthcare": ("Health", "Clinics", "Medical", "Care"),
    "Retail": ("Stores", "Goods", "Outfitters", "Market"),
    "Logistics": ("Freight", "Logistics", "Shipping", "Lines"),
    "Education": ("Learning", "Academy", "Press", "Schools"),
    "Professional Services": ("Advisory", "Consulting", "Associates", "& Co"),
}
ENDINGS: Final = ("", ", Inc.", " LLC", " Group", "", " Ltd", " GmbH", "")

TITLES: Final = {
    "champion": ("Director of Operations", "Head of Growth", "Operations Manager"),
    "decision_maker": ("Chief Operating Officer", "VP Operations", "Chief Financial Officer"),
    "evaluator": ("Solutions Architect", "IT Manager", "Business Systems Analyst"),
    "end_user": ("Operations Analyst", "Coordinator", "Specialist"),
}
